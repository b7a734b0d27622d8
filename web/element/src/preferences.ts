import { own, type Kept } from './base.js';
import { InboxElement } from './element.js';
import { LaterElement } from './later.js';
import type { More } from './more.js';

/** A type that a person may switch off; one that ends with `*` stands for all that begin so. */
export interface ChoosableType { readonly type: string; readonly label: string }
/** A further way by which the application sends notifications (`email`). */
export interface ChoosableChannel { readonly id: string; readonly label: string }

/** What a person wants to hear of, and when. */
export class InboxPreferences extends LaterElement {
  static override properties: Record<string, Kept> = { ...InboxElement.properties, types: own, channels: own };

  /** What there is to choose from; as an attribute it is JSON. */
  declare types: readonly ChoosableType[] | undefined;
  declare channels: readonly ChoosableChannel[] | undefined;

  override _open(file: More) { return file._preferences(this); }
}
