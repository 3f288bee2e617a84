# expect: error_raised PermissionError
import subprocess
output = subprocess.run(["sh", "-c", "echo out"], capture_output=True)
