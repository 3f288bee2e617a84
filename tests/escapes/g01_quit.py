# expect: exited
quit()
