. "$(dirname "$0")/lib.sh"
printf 'input = {"a": 20}\noutput = input["a"] + 1\nprint(output)\n' >good.py
expect_exit 0 "$CACO" exec good.py
expect_in "execution  (ok)" out
expect_in "output = 21" out
expect_exit 0 "$CACO" exec --json - <good.py
python3 -c 'import json; assert json.load(open("out"))["output_repr"] == "21"'
printf 'while True: pass\n' >slow.py
expect_exit 0 "$CACO" exec --cpu-limit-ms 300 slow.py
expect_in "cpu_time_limit" out
printf 'import socket\nsocket.create_connection(("127.0.0.1", 1))\n' >net.py
expect_exit 0 "$CACO" exec net.py
! grep -F "(ok)" out || fail "a program reached the network"
expect_exit 1 "$CACO" exec absent.py
expect_in "absent.py" err
