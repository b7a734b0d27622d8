import type { Announced, Announcement, BatchResult, Job, StartedJob, Subscribers, Topic, TopicSubscription } from './contract.js';
import { given, optionalHeader, parameters, segment, wasReplayed, type Query, type Upstream } from './upstream.js';

type IdempotencyKey = string | null | undefined;
export type Replayed<T> = T & { readonly replayed: boolean };

/** The part of the inbox's HTTP API that is about many recipients. */
export class Many {
  constructor(private readonly upstream: Upstream, private readonly authorization: string) {}

  async publish(users: readonly string[], notification: object, key: IdempotencyKey): Promise<readonly BatchResult[]> {
    const { results } = await this.send<{ results: BatchResult[] }>('POST', '/v1/notifications', { users, notification: given(notification) }, key);
    return results;
  }

  topic(name: string): Promise<Topic> { return this.get(topicPath(name, 'name')); }

  subscribers(topic: string, query: Query): Promise<Subscribers> { return this.get(`${topicPath(topic)}/subscribers?${parameters(query)}`); }

  subscription(topic: string, user: string): Promise<TopicSubscription> { return this.get(subscriberPath(topic, user)); }

  async topics(user: string): Promise<readonly string[]> { return (await this.get<{ topics: string[] }>(`/v1/users/${segment('user', user)}/topics`)).topics; }

  open(topic: string, open: boolean): Promise<true> { return this.change('PUT', topicPath(topic), { open }); }

  changeSubscribers(topic: string, users: { add: readonly string[] } | { remove: readonly string[] }): Promise<true> { return this.change('POST', `${topicPath(topic)}/subscribers`, users); }

  /** @throws FORBIDDEN when the topic is not open */
  follow(topic: string): Promise<true> { return this.change('PUT', subscriberPath(topic, 'me')); }

  unfollow(topic: string): Promise<true> { return this.change('DELETE', subscriberPath(topic, 'me')); }

  publishToTopic(topic: string, notification: object, except: readonly string[] | null | undefined, key: IdempotencyKey): Promise<Replayed<StartedJob>> {
    return this.send('POST', `${topicPath(topic)}/notifications`, given({ ...notification, except }), key);
  }

  retractFromTopic(topic: string, collapseKey: string, key: IdempotencyKey): Promise<Replayed<StartedJob>> {
    return this.send('DELETE', `${topicPath(topic)}/keys/${segment('key', collapseKey)}`, undefined, key);
  }

  job(id: string): Promise<Job> { return this.get(`/v1/jobs/${segment('id', id)}`); }

  announce(notification: object, expiresAt: string, newcomers: boolean, key: IdempotencyKey): Promise<Replayed<Announced>> {
    return this.send('POST', '/v1/announcements', { notification: given(notification), expiresAt, newcomers }, key);
  }

  async announcements(): Promise<readonly Announcement[]> { return (await this.get<{ items: Announcement[] }>('/v1/announcements')).items; }

  announcement(id: string): Promise<Announcement> { return this.get(announcementPath(id)); }

  retractAnnouncement(id: string): Promise<true> { return this.change('DELETE', announcementPath(id)); }

  private async get<T>(path: string): Promise<T> { return (await this.upstream.json(this.authorization, 'GET', path)) as T; }

  private async change(method: string, path: string, body?: object): Promise<true> {
    await this.upstream.request(this.authorization, method, path, body);
    return true;
  }

  private async send<T>(method: string, path: string, body: object | undefined, key: IdempotencyKey): Promise<Replayed<T>> {
    const response = await this.upstream.request(this.authorization, method, path, body, optionalHeader('Idempotency-Key', 'idempotencyKey', key));
    return { ...((await this.upstream.body(response)) as T), replayed: wasReplayed(response) };
  }
}

const topicPath = (topic: string, argument = 'topic'): string => `/v1/topics/${segment(argument, topic)}`;
const subscriberPath = (topic: string, user: string): string => `${topicPath(topic)}/subscribers/${segment('user', user)}`;
const announcementPath = (id: string): string => `/v1/announcements/${segment('id', id)}`;
