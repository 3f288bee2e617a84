# Lists given, joined and added.
family("list_start", "lists_and_strings")

opener("list_start", "list", {"numbers": numbers_list(1, 30, 3, 5)}, "",
       ["A list is {numbers}.", "Take the list {numbers}."], it="the list", weight=2)
opener("two_lists", "list",
       {"first": ("first_list", numbers_list(1, 20, 3, 3)), "second": ("second_list", numbers_list(1, 20, 3,
        3))}, "sums = [a + b for a, b in zip({first}, {second})]",
       ["Add the lists {first} and {second} place by place."],
       work=lambda v, r, first, second: ", ".join(calc(f"{a} + {b}") for a, b in zip(first, second))
        + f". The list is {r}.", it="the list of sums", ask="What is the list of sums?")
opener("joined_lists", "list",
       {"first": ("first_list", numbers_list(1, 30, 2, 3)), "second": ("second_list", numbers_list(1, 30, 2,
        3))}, "joined_list = {first} + {second}",
       ["Join the list {first} and the list {second} to one list."], work="The joined list is {r}.")
