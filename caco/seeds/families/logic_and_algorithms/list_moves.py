# Stacks, queues, rotations, swaps.
family("list_moves", "logic_and_algorithms")

opener("stack", "list", {"numbers": ("stack", numbers_list(1, 20, 3, 4)), "pushed": (1, 30)},
       "stack_after = {numbers}[:-1] + [{pushed}]",
       ["A stack is {numbers}, with the top at the end. Take off the top number and put {pushed} on top."],
       work="The stack is {r}.", it="the stack")
opener("queue", "list", {"numbers": ("queue", numbers_list(1, 20, 3, 4)), "joining": (1, 30)},
       "queue_after = {numbers}[1:] + [{joining}]",
       ["A queue is {numbers}. The first number leaves, and {joining} joins at the end."],
       work="The queue is {r}.", it="the queue")
step("rotate", "list", "list", {}, "rotated_list = {v}[1:] + {v}[:1]",
     ["Move the first number of {it} to the end."], work="The rotated list is {r}.")
step("swap_ends", "list", "list", {}, "swapped_list = [{v}[-1]] + {v}[1:-1] + [{v}[0]]",
     ["Swap the first and the last number of {it}."], work="The swapped list is {r}.")
