# expect: memory_limit,cpu_time_limit
import decimal
decimal.getcontext().prec = decimal.MAX_PREC
output = decimal.Decimal(1) / 3
