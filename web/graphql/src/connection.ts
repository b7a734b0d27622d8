import type { Item, Page, WaitingPage } from './contract.js';

export interface ConnectionArguments {
  readonly first?: number | null;
  readonly after?: string | null;
  readonly status?: string | null;
  readonly type?: readonly string[] | null;
  readonly group?: string | null;
  readonly search?: string | null;
}

/** A page as a Relay connection. A notification's id is its cursor. */
export interface Connection {
  readonly edges: readonly { readonly cursor: string; readonly node: Item }[];
  readonly nodes: readonly Item[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly hasPreviousPage: boolean; readonly startCursor: string | null; readonly endCursor: string | null };
}

export function toConnection({ items, next }: Page, after: string | null | undefined): Connection {
  return {
    edges: items.map((node) => ({ cursor: node.id, node })),
    nodes: items,
    pageInfo: {
      hasNextPage: next !== null,
      hasPreviousPage: typeof after === 'string',
      startCursor: items[0]?.id ?? null,
      endCursor: items.at(-1)?.id ?? null,
    },
  };
}

export type PageInfo = Connection['pageInfo'];

/** Of a page whose items are no cursors: it tells where the next one begins. */
export const toPageInfo = (next: string | null, after: string | null | undefined): PageInfo =>
  ({ hasNextPage: next !== null, hasPreviousPage: typeof after === 'string', startCursor: null, endCursor: next });

/** What waits, soonest first. It has no edges: the API tells a cursor of the page alone, which is no id. */
export interface WaitingNodes {
  readonly nodes: WaitingPage['items'];
  readonly pageInfo: PageInfo;
}

export function toNodes({ items, next }: WaitingPage, after: string | null | undefined): WaitingNodes {
  return { nodes: items, pageInfo: toPageInfo(next, after) };
}
