# expect: error_raised RuntimeError
import threading, time
threading.Thread(target=time.sleep, args=(3600,), daemon=False).start()
output = 1
