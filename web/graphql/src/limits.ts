import { GraphQLError, Kind, type ASTVisitor, type SelectionSetNode, type ValidationContext, type FieldNode } from 'graphql';

export interface Limits {
  readonly maxDepth: number;
  readonly maxCost: number;
}

interface Weight { readonly depth: number; readonly cost: number }

const free: Weight = { depth: 0, cost: 0 };
/** Each of these fields makes at least one call to the inbox, and has fields of its own: unlike the `undo` of an inbox, the `scheduled` of a publish, or the `topics` of a mute. */
const calls = new Set(['inbox', 'notifications', 'notification', 'publish', 'markRead', 'markUnread', 'archive', 'unarchive', 'markSeen', 'undo', 'delete', 'act', 'snooze', 'unsnooze', 'snoozed', 'scheduled', 'cancel', 'preferences', 'savePreferences',
  'topic', 'topicSubscribers', 'topicSubscription', 'topics', 'job', 'announcements', 'announcement', 'publishMany', 'publishToTopic', 'retractFromTopic', 'announce']);
/** These too, and they answer true. */
const plainCalls = new Set(['retract', 'subscribe', 'unsubscribe', 'follow', 'unfollow', 'openTopic', 'retractAnnouncement']);
/** These have the argument `first`. */
const pages = new Set(['notifications', 'snoozed', 'scheduled']);
const callCost = 50;
/** A `notification` without an id is a part of what is there. */
const isCall = ({ name, selectionSet, arguments: given }: FieldNode): boolean =>
  (selectionSet ? calls : plainCalls).has(name.value) && !(name.value === 'notification' && !given?.length);
const pageDefault = 20;
const pageLargest = 100;
/** A notification has no more. */
const mostActions = 3;
/** The API has no bound but that of a body; nobody has more. */
const mostChannels = 100;
/** So many are open at most. Those that expired lately are listed too, and not weighed: there is no bound to them. */
const mostAnnouncements = 100;
/** How often the fields below a list may be there. Those of publishMany count once: the request names its users, and so bounds the answer. */
const lengths = new Map([['actions', mostActions], ['channels', mostChannels], ['announcements', mostAnnouncements]]);

/**
 * Validation rule that bounds depth and cost before execution. Cost is the number of fields that the answer may hold: fields below a page
 * count once per item, those below `actions`, `channels` and `announcements` for as many as there may be. Each fragment is weighed once, so that nested fragments cannot make the check itself expensive.
 * Introspection is not weighed: it is only enabled in development.
 */
export const withinLimits = ({ maxDepth, maxCost }: Limits) => (context: ValidationContext): ASTVisitor => {
  const weighed = new Map<string, Weight>();

  function weigh(set: SelectionSetNode | undefined): Weight {
    let depth = 0;
    let cost = 0;
    for (const selection of set?.selections ?? []) {
      const weight = selection.kind === Kind.FIELD ? ofField(selection)
        : selection.kind === Kind.INLINE_FRAGMENT ? weigh(selection.selectionSet)
        : ofFragment(selection.name.value);
      depth = Math.max(depth, weight.depth);
      cost += weight.cost;
    }
    return { depth, cost };
  }

  function ofField(field: FieldNode): Weight {
    const name = field.name.value;
    if (name.startsWith('__')) return free;
    const inner = weigh(field.selectionSet);
    const times = pages.has(name) ? pageSize(field) : lengths.get(name) ?? 1;
    return { depth: inner.depth + 1, cost: (isCall(field) ? callCost : 1) + inner.cost * times };
  }

  function ofFragment(name: string): Weight {
    const known = weighed.get(name);
    if (known) return known;
    weighed.set(name, free); // ends the recursion of a cyclic fragment, which another rule reports
    const weight = weigh(context.getFragment(name)?.selectionSet);
    weighed.set(name, weight);
    return weight;
  }

  return {
    OperationDefinition(operation) {
      const { depth, cost } = weigh(operation.selectionSet);
      if (depth > maxDepth) report(`The operation nests ${depth} deep; ${maxDepth} are allowed.`);
      if (cost > maxCost) report(`The operation costs ${cost}; ${maxCost} are allowed.`);
      function report(message: string): void {
        context.reportError(new GraphQLError(message, { nodes: operation, extensions: { code: 'BAD_USER_INPUT', errors: { query: [message] } } }));
      }
    },
  };
};

function pageSize(field: FieldNode): number {
  const first = field.arguments?.find((argument) => argument.name.value === 'first')?.value;
  if (!first) return pageDefault;
  if (first.kind !== Kind.INT) return pageLargest; // a variable's value is not known yet
  return Math.min(pageLargest, Math.max(1, Number(first.value)));
}
