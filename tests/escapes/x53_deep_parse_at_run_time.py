# expect: error_raised,memory_limit
import ast
output = ast.literal_eval("[" * 5000 + "]" * 5000)
