/** What was published, in each of its types. */
export const content = /* GraphQL */ `
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
    data: JSON
    priority: Priority!
    expiresAt: DateTime`;
