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
  }

  type Inbox {
    "Newest first. \`type\`: any of these; \`group\`: this one; \`search\`: a text in title, body or the actor's name."
    notifications(first: Int = 20, after: String, status: NotificationStatus = INBOX, type: [String!], group: String, search: String): NotificationConnection!
    unreadCount: Int!
    unseenCount: Int!
    "All that is kept, archived included."
    totalCount: Int!
    "The position of the inbox: a subscription with this as resumeFrom misses nothing that happens after this answer."
    cursor: String!
    "Of the mark that returned this: takes it back by the mutation undo; null elsewhere."
    undo: String
  }

  enum NotificationStatus { INBOX UNREAD READ ARCHIVED ALL }
  enum Priority { LOW NORMAL HIGH }

  type NotificationConnection {
    edges: [NotificationEdge!]!
    nodes: [Notification!]!
    pageInfo: PageInfo!
  }
  type NotificationEdge { cursor: String! node: Notification! }
  type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }

  type Notification {
    id: ID!
    createdAt: DateTime!
    type: String!
    title: String!
    body: String
    url: String
    actor: Actor
    group: String
    "What it is about: the inbox has no other of this key."
    key: String
    "What there is to choose from, with the mutation act; null when there is nothing."
    actions: [NotificationAction!]
    "What was chosen, on whatever device; the first choice stays."
    acted: Acted
    data: JSON
    priority: Priority!
    expiresAt: DateTime
    read: Boolean!
    seen: Boolean!
    archived: Boolean!
  }
  type Actor { id: String name: String avatarUrl: String }
  "The id is one of the notification's alone, and of no other notification: a cache must not take it for an object's key."
  type NotificationAction { id: String! label: String! url: String }
  type Acted { action: String! at: DateTime! }

  type Mutation {
    "For publishers. Repeating an idempotencyKey for the same user within 24 hours adds nothing and returns the first id."
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
    "Removes what has the key, if there is one. \`user\`: for publishers; else the caller's own inbox. Idempotent."
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
  }
  input ActorInput { id: String name: String avatarUrl: String }
  input NotificationActionInput { id: String! label: String! url: String }
  type PublishPayload { id: ID! createdAt: DateTime! replayed: Boolean! }

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
`;
