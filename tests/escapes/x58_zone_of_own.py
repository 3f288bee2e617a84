# expect: unserializable
import datetime

class Zone(datetime.tzinfo):
    def utcoffset(self, moment):
        while True:
            pass

    tzname = dst = utcoffset

output = datetime.datetime(2024, 1, 1, tzinfo=Zone())
