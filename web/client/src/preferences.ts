import type { Http } from './http.js';

/** What a person does not want, and when nothing makes a noise. A type may end with `*`, which stands for all that begin so. */
export interface Preferences {
  readonly mute: { readonly types: readonly string[]; readonly groups: readonly string[]; readonly topics: readonly string[] };
  /** Each day between the two times (`22:00`), by the clock of a zone of IANA; null when there are none. */
  readonly quiet: { readonly from: string; readonly to: string; readonly zone: string } | null;
  /** By the channel's name (`email`): the types that are not sent by it. */
  readonly channels: Readonly<Record<string, { readonly off: readonly string[] }>>;
}

export interface StoredPreferences {
  readonly value: Preferences;
  /** Of this document: handed back to `savePreferences`, it overwrites nothing that was saved elsewhere meanwhile. */
  readonly etag: string;
}

/** What is stored; stores it first when it is given. */
export async function exchangePreferences(http: Http, body?: Preferences, etag?: string): Promise<StoredPreferences> {
  const { data, headers } = await http._json<Preferences>('/preferences', body && { method: 'PUT', body, headers: etag ? { 'If-Match': etag } : {} });
  return { value: data!, etag: headers.get('ETag')! };
}
