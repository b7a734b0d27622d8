import { manyTypeDefs } from './manyTypeDefs.js';
import { content } from './notificationFields.js';

export const typeDefs = /* GraphQL */ `
  "RFC 3339, in UTC."
  scalar DateTime
  "Any JSON."
  scalar JSON

  type Query {
    "The caller's own inbox."
    inbox: Inbox!
    "One notification of the caller's inbox; NOT_FOUND once it is gone."
    notification(id: ID!): Notification
    "For publishers: what is scheduled for the user, soonest first."
    scheduled(user: ID!, first: Int = 20, after: String): ScheduledPage!
    "What was never set is empty. \`user\`: for publishers; else the caller's own."
    preferences(user: ID): Preferences!
  }

  type Inbox {
    "Newest first. \`type\`: any of these; \`group\`: this one; \`search\`: a text in title, body or the actor's name."
    notifications(first: Int = 20, after: String, status: NotificationStatus = INBOX, type: [String!], group: String, search: String): NotificationConnection!
    "What comes back later, soonest first. \`after\` is the endCursor of the page before."
    snoozed(first: Int = 20, after: String): SnoozedPage!
    unreadCount: Int!
    unseenCount: Int!
    "All that is kept, archived included."
    totalCount: Int!
    "The position of the inbox: a subscription with this as resumeFrom misses nothing that happens after this answer."
    cursor: String!
    "Of the mark that returned this: takes it back by the mutation undo; null elsewhere, also of a snooze."
    undo: String
  }

  enum NotificationStatus { INBOX UNREAD READ ARCHIVED ALL }
  enum Priority { LOW NORMAL HIGH }
  "What makes a fallback needless; so does archiving or deleting the notification."
  enum FallbackUnless { SEEN READ }

  type NotificationConnection {
    edges: [NotificationEdge!]!
    nodes: [Notification!]!
    pageInfo: PageInfo!
  }
  type NotificationEdge { cursor: String! node: Notification! }
  type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }

  type Notification {
    id: ID!
    createdAt: DateTime!${content}
    "What was chosen, on whatever device; the first choice stays."
    acted: Acted
    read: Boolean!
    seen: Boolean!
    archived: Boolean!
    "It was snoozed, and had this id before."
    snoozedFrom: ID
  }
  type Actor { id: String name: String avatarUrl: String }
  "The id is one of the notification's alone, and of no other notification: a cache must not take it for an object's key."
  type NotificationAction { id: String! label: String! url: String }
  type Acted { action: String! at: DateTime! }

  "No connection of Relay's: only a page has a cursor. endCursor is null on the last one."
  type SnoozedPage { nodes: [SnoozedNotification!]! pageInfo: PageInfo! }
  type SnoozedNotification {
    "Until it comes back, as a new notification with another id."
    id: ID!
    until: DateTime!
    createdAt: DateTime!${content}
    "It was snoozed before, and had this id then."
    snoozedFrom: ID
  }
  "As SnoozedPage."
  type ScheduledPage { nodes: [ScheduledNotification!]! pageInfo: PageInfo! }
  type ScheduledNotification {
    "Its name until it comes."
    scheduled: ID!
    deliverAt: DateTime!
    "When it was handed over."
    createdAt: DateTime!${content}
  }

  "What a person does not want, and when not. Types may end with \`.*\`, which stands for all that begin so."
  type Preferences {
    mute: Mute!
    "Null when there are none."
    quiet: QuietHours
    channels: [ChannelPreference!]!
    "Of this state, with its quotes: the ifMatch of savePreferences."
    etag: String!
  }
  "What is published of these never comes."
  type Mute { types: [String!]! groups: [String!]! topics: [String!]! }
  "Each day from one time to the other (\`22:00\`), by the clock of an IANA zone. What comes then is in the inbox, and silent."
  type QuietHours { from: String! to: String! zone: String! }
  "\`off\`: the types that are not sent by this channel, such as \`email\`."
  type ChannelPreference { channel: String! off: [String!]! }

  type Mutation {
    "For publishers. Repeating an idempotencyKey for the same user within 24 hours adds nothing and returns the first id, or the first scheduled."
    publish(user: ID!, notification: NotificationInput!, idempotencyKey: String): PublishPayload!
    "Exactly one argument; so in all marks. Returns the inbox after the change."
    markRead(ids: [ID!], upTo: ID, all: Boolean, group: String, key: String): Inbox!
    markUnread(ids: [ID!], upTo: ID, all: Boolean, key: String): Inbox!
    archive(ids: [ID!], upTo: ID, all: Boolean, group: String, key: String): Inbox!
    unarchive(ids: [ID!], upTo: ID, all: Boolean, key: String): Inbox!
    "Moves the seen cursor, which drives the badge."
    markSeen(upTo: ID, all: Boolean): Inbox!
    """
    Takes a mark back by the \`undo\` that it returned: restores what it changed and nobody changed since. Idempotent. GONE 10 minutes after the
    mark, or 10 further marks.
    """
    undo(token: String!): Inbox!
    "Chooses an action, and marks the notification read. The same again returns the same; CONFLICT when another one was chosen before. NOT_FOUND when there is no such action."
    act(id: ID!, action: String!): Notification!
    "Idempotent."
    delete(id: ID!): Inbox!
    "Takes them out until a time a minute to a year ahead (1 to 100 ids). Then each comes back as a new notification, unread, with snoozedFrom. CONFLICT when too many wait. Idempotent."
    snooze(ids: [ID!]!, until: DateTime!): Inbox!
    "They come back now, with new ids: what undoes a snooze. Idempotent."
    unsnooze(ids: [ID!]!): Inbox!
    "For publishers. It either never comes, also when it was cancelled before or is muted, or it has come. Idempotent."
    cancel(scheduled: ID!, user: ID!): CancelPayload!
    """
    Stores the whole of it. With the etag that it was read with as ifMatch, PRECONDITION_FAILED when it was changed since; without, it overwrites.
    \`user\`: for publishers; else the caller's own.
    """
    savePreferences(preferences: PreferencesInput!, ifMatch: String, user: ID): Preferences!
    "Removes what has the key, if there is one, also what is scheduled or snoozed. \`user\`: for publishers; else the caller's own inbox. Idempotent."
    retract(key: String!, user: ID): Boolean!
  }

  input NotificationInput {
    type: String!
    title: String!
    body: String
    url: String
    actor: ActorInput
    group: String
    "Takes the place of the notification that has this key."
    key: String
    "1 to 3."
    actions: [NotificationActionInput!]
    data: JSON
    priority: Priority
    expiresAt: DateTime
    "When it comes, at most a year ahead; a time that has passed is now."
    deliverAt: DateTime
    "Comes whatever the user mutes, and is never silent."
    mandatory: Boolean
    "Tells the webhooks of the inbox when nobody looked by then."
    fallback: FallbackInput
    "Tells the webhooks of the inbox when it is read."
    receipt: Boolean
  }
  "\`after\`: seconds, 60 to 2592000 (30 days)."
  input FallbackInput { after: Int! unless: FallbackUnless = SEEN }
  input ActorInput { id: String name: String avatarUrl: String }
  input NotificationActionInput { id: String! label: String! url: String }
  "One of id, scheduled and muted is not null."
  type PublishPayload {
    "Null when it has not come: it is scheduled, or muted. createdAt as well."
    id: ID
    createdAt: DateTime
    "Its name until it comes."
    scheduled: ID
    "The list of the user's mute that kept it out: types, groups or topics. Nothing was stored."
    muted: String
    replayed: Boolean!
  }
  "\`id\`: of the notification, when it has come; else null, and it never comes."
  type CancelPayload { cancelled: Boolean! id: ID }

  "The whole of it; without \`quiet\` there are no quiet hours."
  input PreferencesInput { mute: MuteInput! quiet: QuietHoursInput channels: [ChannelPreferenceInput!]! }
  input MuteInput { types: [String!]! groups: [String!]! topics: [String!]! }
  input QuietHoursInput { from: String! to: String! zone: String! }
  input ChannelPreferenceInput { channel: String! off: [String!]! }

  """
  Changes of the caller's inbox. \`resumeFrom\` takes the cursor of the same subscription's last event, the inbox's cursor, or
  a notification's id; what was missed comes first, once, then what is new. RELOAD ends a subscription whose missed events cannot be replayed.
  """
  type Subscription {
    "Each notification once and in order."
    notificationAdded(resumeFrom: String): NotificationAdded!
    notificationRead(resumeFrom: String): NotificationRead!
    notificationRemoved(resumeFrom: String): NotificationRemoved!
    notificationActed(resumeFrom: String): NotificationActed!
    "When the unread or the unseen count changes. A resumed subscription gets the current counts at once, unless nothing changed."
    unreadCountChanged(resumeFrom: String): UnreadCountChanged!
  }

  type NotificationAdded {
    notification: Notification!
    "The one whose place it took; null when it was missed, too."
    replaces: ID
    "It came within the user's quiet hours: no sound, and no notice of the desktop."
    silent: Boolean!
    unreadCount: Int!
    unseenCount: Int!
    cursor: String!
  }
  type NotificationRead {
    ids: [ID!]!
    "When present: everything up to this one, too."
    upTo: ID
    "Marks were missed, and this is the whole state: exactly \`ids\` are read."
    resync: Boolean!
    unreadCount: Int!
    cursor: String!
  }
  type NotificationRemoved {
    ids: [ID!]!
    "When present, removals may have been missed: exactly these are still kept."
    kept: [ID!]
    unreadCount: Int!
    cursor: String!
  }
  "After marks were missed, one for each kept notification of which something was chosen, oldest first: also what was told before."
  type NotificationActed { id: ID! action: String! at: DateTime! cursor: String! }
  type UnreadCountChanged { unreadCount: Int! unseenCount: Int! cursor: String! }
${manyTypeDefs}`;
