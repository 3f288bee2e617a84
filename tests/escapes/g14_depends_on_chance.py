# expect: nondeterministic
import uuid
output = str(uuid.uuid4())
