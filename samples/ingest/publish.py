# Publishes through Redis, without a package:  python3 publish.py USER KEY TITLE     REDIS=host:port
import json, os, socket, sys

user, key, title = sys.argv[1:4]
host, port = os.environ.get("REDIS", "127.0.0.1:6379").split(":")
notification = json.dumps({"type": "comment.created", "title": title})
command = ["XADD", "inbox-in:{default}:0", "*", "user", user, "key", key, "notification", notification]
with socket.create_connection((host, int(port))) as redis:
    parts = [part.encode() for part in command]
    redis.sendall(b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts))
    answer = redis.recv(1024).decode()  # $ and the entry's id: it is in the stream; - and a reason: it is not
print(answer)
sys.exit(0 if answer.startswith("$") else 1)
