// One mail (RFC 5322) of a notification.unseen event. Titles, bodies and URLs are what any user of the application may have typed.
const site = 'https://example.org'

// Where a user's mail goes; undefined: nowhere. An application looks it up. What it returns stands in a header, so it must be an address and nothing else.
const addressOf = ({ tenant, user }) =>
  tenant === 'default' && user.length <= 64 && /^[a-z0-9]+([._-][a-z0-9]+)*$/i.test(user) ? `${user}@example.org` : undefined

// undefined: there is nothing left to tell, or nobody to tell it to.
export function mailOf(id, { timestamp, data }) {
  const to = addressOf(data)
  const off = data.channels?.email?.off ?? []
  const items = data.items.filter(item => !off.some(rule => matches(rule, item.type)))
  if (to === undefined || items.length === 0) return undefined
  const subject = items.length === 1 ? oneLine(items[0].title) : `${items.length} notifications you have not seen`
  return [
    'From: Inbox <inbox@example.org>',
    `To: <${to}>`,
    `Subject: ${headerText(subject)}`,
    `Date: ${new Date(timestamp).toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: <${id}@example.org>`,
    'Auto-Submitted: auto-generated', // RFC 3834: no out-of-office answers
    'MIME-Version: 1.0',
    'Content-Type: multipart/alternative; boundary="alternative"',
    '',
    ...part('plain', items.map(plainOf).join('\r\n\r\n') + '\r\n'),
    ...part('html', `<!doctype html>\r\n<meta charset="utf-8">\r\n${items.map(htmlOf).join('\r\n')}\r\n`),
    '--alternative--',
    '',
  ].join('\r\n')
}

// A type, or the beginning of types with * at the end.
const matches = (rule, type) => (rule.endsWith('*') ? type.startsWith(rule.slice(0, -1)) : type === rule)

const plainOf = item => [oneLine(item.title), ...linesOf(item.body).map(line => `  ${line}`), ...linkOf(item.url).map(link => `  ${link}`)].join('\r\n')

function htmlOf(item) {
  const title = escaped(oneLine(item.title))
  const [link] = linkOf(item.url)
  return `<p>${[link ? `<a href="${escaped(link)}">${title}</a>` : title, ...linesOf(item.body).map(escaped)].join('<br>\r\n')}</p>`
}

const linesOf = (text = '') => (text === '' ? [] : text.split(/\r\n|\r|\n/).map(oneLine))

// A path is one of the site.
function linkOf(url) {
  if (url === undefined || !URL.canParse(url, site)) return []
  const { protocol, href } = new URL(url, site)
  return protocol === 'https:' || protocol === 'http:' ? [href] : []
}

// Without line breaks, other control characters, and those that change the direction of text.
const oneLine = text => text.replace(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu, ' ').trim()

const escaped = text => text.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`)

// Short ASCII stays as it is; else encoded words (RFC 2047), each of whole characters and each on a line of its own of at most 76.
function headerText(text) {
  if (/^[\x20-\x7e]{1,60}$/.test(text) && !text.includes('=?')) return text
  const words = ['']
  for (const character of text)
    if (Buffer.byteLength(words.at(-1) + character) <= 39) words.push(words.pop() + character)
    else words.push(character)
  return words.map(word => `=?UTF-8?B?${Buffer.from(word).toString('base64')}?=`).join('\r\n ')
}

// base64: no line is too long, and none can be a boundary.
const part = (subtype, text) => [
  '--alternative',
  `Content-Type: text/${subtype}; charset=utf-8`,
  'Content-Transfer-Encoding: base64',
  '',
  Buffer.from(text).toString('base64').replace(/.{76}(?=.)/g, '$&\r\n'),
]
