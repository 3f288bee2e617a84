# Full crates and what is left over.
family("packing", "arithmetic_stories")

step("pack", "count", "count", {"size": ("{noun}_per_crate", (2, 12))}, "full_crates = {v} // {size}",
     ["{who} packs the {noun} into crates of {size} and keeps only the full crates.",
      "The {noun} go into crates of {size} {noun} each. {who} keeps only the full crates."],
     work="<<{v} // {size}>> full crates.", ask="How many full crates does {who} have?",
     sets={"noun": "crates", "one": "crate", "boxes": "trucks", "box": "truck", "prep": "on"})
step("left_over", "count", "count", {"size": ("{noun}_per_packet", (3, 12))},
     "{noun}_left_over = {v} % {size}",
     ["{who} fills as many packets of {size} {noun} as possible and keeps only the {noun} left over.",
      "{who} sells the {noun} in full packets of {size}, as many as possible, and keeps the rest."],
     work="Left over: <<{v} % {size}>> {noun}.",
     ask=["How many {noun} are left over?", "How many {noun} does {who} keep?"])
