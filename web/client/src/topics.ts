import type { Inbox } from './types.js';

/** How a person and a topic stand. */
export interface TopicState {
  readonly subscribed: boolean;
  /** Whether people may follow and unfollow it themselves. */
  readonly open: boolean;
}

/** The topics of an inbox's person. Like `preferences` of the inbox, its methods reject with an `InboxError`. */
export interface Topics {
  /** Those that the person follows, sorted. */
  topics(): Promise<string[]>;
  follows(topic: string): Promise<TopicState>;
  /** What is published to the topic from then on comes into the inbox. It rejects with status 403 when the topic is not open. Idempotent. */
  follow(topic: string): Promise<void>;
  /** What came already stays. It rejects likewise. */
  unfollow(topic: string): Promise<void>;
}

/** Apart from the inbox: most pages show no topics, and pay for none. */
export function openTopics(inbox: Pick<Inbox, 'request'>): Topics {
  const ask = (method: string) => <T>(topic: string) => inbox.request<T>(`/topics/${encodeURIComponent(topic)}/subscribers/{user}`, { method });
  return {
    topics: async () => (await inbox.request<{ topics: string[] }>('/users/{user}/topics')).topics,
    follows: ask('GET'), follow: ask('PUT'), unfollow: ask('DELETE'),
  };
}
