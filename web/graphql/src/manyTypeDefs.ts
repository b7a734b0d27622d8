import { content } from './notificationFields.js';

/** Many recipients: batches, topics, jobs and announcements. */
export const manyTypeDefs = /* GraphQL */ `
  extend type Query {
    "For publishers. Nobody creates a topic: by default it is closed, and has no subscribers."
    topic(name: ID!): Topic!
    "For publishers, in the order of their bytes; at most 1,000 at once. \`after\` is the endCursor of the page before."
    topicSubscribers(topic: ID!, first: Int = 100, after: String): TopicSubscribersPage!
    "\`user\`: for publishers; else the caller."
    topicSubscription(topic: ID!, user: ID): TopicSubscription!
    "To what the user is subscribed, sorted. \`user\`: for publishers; else the caller."
    topics(user: ID): TopicNames!
    "For publishers; NOT_FOUND 7 days after it was done."
    job(id: ID!): Job
    "For publishers: newest first, also those that expired within the last 30 days."
    announcements: [Announcement!]!
    "For publishers."
    announcement(id: ID!): Announcement
  }

  type Topic { name: ID! "Users may follow it." open: Boolean! subscribers: Int! }
  type TopicSubscribersPage { users: [ID!]! pageInfo: PageInfo! }
  type TopicSubscription { subscribed: Boolean! "Users may follow the topic." open: Boolean! }
  type TopicNames { names: [ID!]! }
  enum JobState { RUNNING DONE }
  "What is done in the inboxes of a topic's subscribers, in the order of the topic's jobs."
  type Job {
    id: ID!
    state: JobState!
    reached: Int!
    "Those who mute its type, its group or the topic."
    muted: Int!
    "Those whose inbox refused it."
    failed: Int!
    "Subscribers when the job was taken; of a removal also those who had left."
    of: Int!
  }
  type Announcement {
    id: ID!
    createdAt: DateTime!
    expiresAt: DateTime!
    "Also for inboxes that begin after it was announced."
    newcomers: Boolean!
    notification: AnnouncedNotification!
    "Inboxes that have taken it in; these counts are up to 5 s behind."
    delivered: Int!
    seen: Int!
    read: Int!
  }
  type AnnouncedNotification {${content.trimStart()}
  }

  extend type Mutation {
    """
    For publishers: 1 to 1,000 users, each once. One inbox that fails does not hold up the others. With an idempotencyKey it can be repeated: who has it gets
    nothing more, and what had failed is tried again.
    """
    publishMany(users: [ID!]!, notification: NotificationInput!, idempotencyKey: String): [PublishManyResult!]!
    "For publishers. On disk, and done in the background: ask for the job. RATE_LIMITED when 1,000 jobs wait. Repeating an idempotencyKey returns the first job."
    publishToTopic(topic: ID!, notification: NotificationInput!, except: [ID!], idempotencyKey: String): JobPayload!
    "For publishers: removes what has the key from every inbox, also of those who have left within 90 days."
    retractFromTopic(topic: ID!, key: String!, idempotencyKey: String): JobPayload!
    "For publishers: 1 to 1,000 users. CONFLICT when the topic has as many as may be, or a user as many topics. Idempotent; so are the next four."
    subscribe(topic: ID!, users: [ID!]!): Boolean!
    "For publishers: 1 to 1,000 users."
    unsubscribe(topic: ID!, users: [ID!]!): Boolean!
    "Subscribes the caller to an open topic; FORBIDDEN when it is not open."
    follow(topic: ID!): Boolean!
    unfollow(topic: ID!): Boolean!
    "For publishers: whether users may follow it. By default they may not."
    openTopic(topic: ID!, open: Boolean! = true): Boolean!
    """
    For publishers: to everybody of the tenant, until it expires, at most a year ahead. The notification has no deliverAt, expiresAt, fallback and receipt. \`newcomers\`:
    also for inboxes that begin later. CONFLICT when 100 are open. Repeating an idempotencyKey within 24 hours adds nothing and returns the first id.
    """
    announce(notification: NotificationInput!, expiresAt: DateTime!, newcomers: Boolean! = true, idempotencyKey: String): AnnouncePayload!
    "For publishers: inboxes remove it, and no other takes it in. Idempotent."
    retractAnnouncement(id: ID!): Boolean!
  }

  "One of id, scheduled, muted and problem is not null."
  type PublishManyResult { user: ID! id: ID scheduled: ID muted: String problem: PublishProblem replayed: Boolean! }
  "\`code\`: as in extensions.code of an error."
  type PublishProblem { code: String! message: String! }
  type JobPayload { id: ID! of: Int! replayed: Boolean! }
  type AnnouncePayload { id: ID! createdAt: DateTime! replayed: Boolean! }
`;
