# expect: error_raised RuntimeError
# CPU time counts for all threads together; here they cannot even start.
import threading

def burn():
    while True:
        pass

threads = [threading.Thread(target=burn) for _ in range(16)]
for thread in threads:
    thread.start()
