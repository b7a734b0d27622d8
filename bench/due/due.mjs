// Schedules COUNT notifications over USERS inboxes, so that RATE of them are due in each second, waits until all have come, and says how late they were.
//   node bench/due/due.mjs URL KEY [COUNT] [USERS] [RATE]
// The server's and this machine's clock have to be the same. Publishes of others: run `bench publish` meanwhile.
import { Agent, request } from 'node:http'

const [url, key, count = 100_000, users = 50_000, rate = 2_000] = process.argv.slice(2).map((given, i) => (i < 2 ? given : Number(given)))
const size = 500
const agent = new Agent({ keepAlive: true, maxSockets: 32 })
const run = Date.now()

function call(method, path, body) {
  return new Promise((resolve, reject) => {
    const sent = request(url + path, { method, agent, headers: { Authorization: `ApiKey ${key}`, ...(body && { 'Content-Type': 'application/json' }) } }, answer => {
      let text = ''
      answer.setEncoding('utf8').on('data', part => (text += part)).on('end', () => (answer.statusCode < 300 ? resolve(JSON.parse(text)) : reject(new Error(`${answer.statusCode} ${text}`))))
    })
    sent.on('error', reject).end(body && JSON.stringify(body))
  })
}

async function each(items, work, atOnce) {
  const left = items[Symbol.iterator]()
  await Promise.all(Array.from({ length: atOnce }, async () => { for (const item of left) await work(item) }))
}

const user = n => `due-${run}-${n % users}`
const first = Math.ceil((Date.now() + 15_000 + count / 4) / 1000) * 1000 // scheduled by then, at 4,000/s
const batches = Array.from({ length: count / size }, (_, i) => i)
const began = performance.now()
await each(batches, async i => {
  const due = first + i * size / rate * 1000
  const { results } = await call('POST', '/v1/notifications', { users: Array.from({ length: size }, (_, k) => user(i * size + k)), notification: { type: 'due', title: String(due), deliverAt: new Date(due).toISOString() } })
  if (results.some(result => !result.scheduled)) throw new Error(JSON.stringify(results.find(result => !result.scheduled)))
}, 4)
console.log(`scheduled ${count} over ${users} inboxes in ${((performance.now() - began) / 1000).toFixed(1)} s; the first is due in ${((first - Date.now()) / 1000).toFixed(1)} s`)

await new Promise(done => setTimeout(done, first + count / rate * 1000 + 5_000 - Date.now()))
const late = []
await each(Array.from({ length: users }, (_, n) => n), async n => {
  for (const item of (await call('GET', `/v1/users/${user(n)}/notifications?limit=100`)).items) late.push(Date.parse(item.createdAt) - Number(item.title))
}, 32)
late.sort((a, b) => a - b)
const at = part => late[Math.min(late.length - 1, Math.floor(part * late.length))]
console.log(`came ${late.length} of ${count}; late by p50 ${at(0.5)}, p99 ${at(0.99)}, most ${at(1)} ms`)
process.exit(late.length === count ? 0 : 1)
