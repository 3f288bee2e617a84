# expect: error_raised PermissionError
# An event loop wants a pair of sockets to wake itself; there are none. Said so in docs/sandbox.md.
import asyncio

async def forever():
    while True:
        await asyncio.sleep(0)

async def main():
    asyncio.ensure_future(forever())
    return 1

output = asyncio.run(main())
