import { text, type Kept } from './base.js';
import { InboxElement } from './element.js';
import { LaterElement } from './later.js';
import type { More } from './more.js';

/** A button that follows a topic, and no longer. */
export class InboxFollow extends LaterElement {
  static override properties: Record<string, Kept> = { ...InboxElement.properties, topic: text };

  declare topic: string | undefined;

  override _open(file: More) { return file._follow(this); }
}
