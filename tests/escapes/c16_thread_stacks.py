# expect: error_raised
import threading
threading.stack_size(1 << 30)
for _ in range(64):
    threading.Thread(target=threading.Event().wait).start()
