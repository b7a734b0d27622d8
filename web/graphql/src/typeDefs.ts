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
    "Newest first. \`type\`: any of these; \`group\`: this one."
    notifications(first: Int = 20, after: String, status: NotificationStatus = INBOX, type: [String!], group: String): NotificationConnection!
    unreadCount: Int!
    unseenCount: Int!
    "All that is kept, archived included."
    totalCount: Int!
    "Where the inbox stands: a subscription with this as resumeFrom misses nothing that happens after this answer."
    cursor: String!
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
    data: JSON
    priority: Priority!
    expiresAt: DateTime
    read: Boolean!
    seen: Boolean!
    archived: Boolean!
  }
  type Actor { id: String name: String avatarUrl: String }

  type Mutation {
    "For publishers. The same idempotencyKey for the same user within 24 hours adds nothing, and answers the first id."
    publish(user: ID!, notification: NotificationInput!, idempotencyKey: String): PublishPayload!
    "Exactly one of the arguments; so in all marks. The answer is the inbox as it is then."
    markRead(ids: [ID!], upTo: ID, all: Boolean, group: String): Inbox!
    markUnread(ids: [ID!], upTo: ID, all: Boolean): Inbox!
    archive(ids: [ID!], upTo: ID, all: Boolean, group: String): Inbox!
    unarchive(ids: [ID!], upTo: ID, all: Boolean): Inbox!
    "The badge was looked at."
    markSeen(upTo: ID, all: Boolean): Inbox!
    "Twice is fine, too."
    delete(id: ID!): Inbox!
  }

  input NotificationInput {
    type: String!
    title: String!
    body: String
    url: String
    actor: ActorInput
    group: String
    data: JSON
    priority: Priority
    expiresAt: DateTime
  }
  input ActorInput { id: String name: String avatarUrl: String }
  type PublishPayload { id: ID! createdAt: DateTime! replayed: Boolean! }

  """
  What happens to the caller's inbox. \`resumeFrom\` takes the cursor of the last event of the same subscription, or that of the inbox, or
  a notification's id; then comes what was missed, once, before what is new. An error with the code RELOAD ends a subscription when nobody can tell what was missed.
  """
  type Subscription {
    "Each notification once and in order."
    notificationAdded(resumeFrom: String): NotificationAdded!
    notificationRead(resumeFrom: String): NotificationRead!
    notificationRemoved(resumeFrom: String): NotificationRemoved!
    "When the unread or the unseen count has changed. Whoever resumes is told at once where they are, unless nothing changed."
    unreadCountChanged(resumeFrom: String): UnreadCountChanged!
  }

  type NotificationAdded { notification: Notification! unreadCount: Int! unseenCount: Int! cursor: String! }
  type NotificationRead {
    ids: [ID!]!
    "When it is there: everything up to this one, too."
    upTo: ID
    "Marks were missed, and this is the whole state: exactly \`ids\` are read, and nothing else is."
    resync: Boolean!
    unreadCount: Int!
    cursor: String!
  }
  type NotificationRemoved {
    ids: [ID!]!
    "When it is there, removals may have been missed: exactly these are still kept."
    kept: [ID!]
    unreadCount: Int!
    cursor: String!
  }
  type UnreadCountChanged { unreadCount: Int! unseenCount: Int! cursor: String! }
`;
