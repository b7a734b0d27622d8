// Publishes through Redis, without a package:  node publish.mjs USER KEY TITLE     REDIS=host:port
import { connect } from 'node:net'

const [user, key, title] = process.argv.slice(2)
const [host, port] = (process.env.REDIS ?? '127.0.0.1:6379').split(':')
const notification = JSON.stringify({ type: 'comment.created', title })
const command = ['XADD', 'inbox-in:{default}:0', '*', 'user', user, 'key', key, 'notification', notification]
const redis = connect(Number(port), host, () =>
  redis.write(`*${command.length}\r\n` + command.map(part => `$${Buffer.byteLength(part)}\r\n${part}\r\n`).join('')))
redis.once('data', answer => {
  console.log(String(answer)) // $ and the entry's id: it is in the stream; - and a reason: it is not
  redis.end()
  process.exitCode = String(answer).startsWith('$') ? 0 : 1
})
