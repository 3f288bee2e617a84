# expect: ok [Decimal('1.10'), Fraction(1, 3), (1+2j), b'\xff', range(0, 3), {1, 2}, frozenset({3}), deque([1]), Counter({'a': 2}), datetime.datetime(2024, 2, 29, 1, 2)]
import collections, datetime, decimal, fractions
output = [decimal.Decimal("1.10"), fractions.Fraction(2, 6), 1 + 2j, b"\xff", range(3), {2, 1}, frozenset([3]),
          collections.deque([1]), collections.Counter("aa"), datetime.datetime(2024, 2, 29, 1, 2)]
