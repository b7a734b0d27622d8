// Writes a mail for each webhook that tells what a user has not seen:
//   WEBHOOK_SECRET=whsec_… node receive.mjs     PORT=8090 MAILS=mails
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { Webhook } from 'standardwebhooks'
import { mailOf } from './mail.mjs'

const { WEBHOOK_SECRET: secret, PORT: port = '8090', MAILS: folder = 'mails' } = process.env
const maxBody = 1024 * 1024
const maxHandled = 10_000

if (!secret?.startsWith('whsec_')) {
  console.error('WEBHOOK_SECRET has to be the secret of the endpoint: whsec_…')
  process.exit(2)
}
const webhook = new Webhook(secret)
const handled = new Map() // webhook-id → its handling; the oldest is forgotten first
await mkdir(folder, { recursive: true, mode: 0o700 })

const server = createServer({ requestTimeout: 15_000 }, (request, response) => {
  answer(request)
    .catch(error => {
      console.error(error)
      return 500 // the event comes again
    })
    .then(status => response.writeHead(status, status === 405 ? { allow: 'POST' } : {}).end())
})
server.listen(Number(port), '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${server.address().port}/`))

async function answer(request) {
  if (request.method !== 'POST') return 405
  const body = await bodyOf(request)
  if (body === undefined) return 413
  let event
  try {
    event = webhook.verify(body, request.headers) // signature, and a timestamp of the last or next five minutes
  } catch (error) {
    console.error(`refused: ${error.message}`)
    return 400
  }
  await once(request.headers['webhook-id'], event)
  return 204
}

async function bodyOf(request) {
  const chunks = []
  let length = 0
  for await (const chunk of request) {
    length += chunk.length
    if (length <= maxBody) chunks.push(chunk) // the rest is read and dropped, so that the 413 arrives
  }
  return length <= maxBody ? Buffer.concat(chunks) : undefined
}

// Delivery is at least once: an event may come again later, or twice at the same time.
function once(id, event) {
  let handling = handled.get(id)
  if (handling === undefined) {
    handling = handle(id, event)
    handled.set(id, handling)
    handling.catch(() => handled.delete(id))
    if (handled.size > maxHandled) handled.delete(handled.keys().next().value)
  }
  return handling
}

async function handle(id, event) {
  if (event?.type !== 'notification.unseen') return
  const name = createHash('sha256').update(id).digest('hex').slice(0, 32) // safe as a file name, whatever the id
  const file = join(folder, `${name}.eml`)
  const mail = mailOf(name, event)
  if (mail === undefined || existsSync(file)) return
  await writeFile(`${file}.new`, mail, { mode: 0o600, flush: true })
  await rename(`${file}.new`, file)
  console.log(`wrote ${file}`)
}
