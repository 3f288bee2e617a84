# expect: error_raised ModuleNotFoundError
import torch
output = torch.zeros(1)
