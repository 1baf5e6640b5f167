import { byId, element } from './dom.ts';

/** A message across the picture: what went wrong, or what should be known of the file. */
export class Notice {
  private readonly box = byId('notice');

  error(message: string): void {
    this.show('error', message);
  }

  warn(message: string): void {
    this.show('warning', message);
  }

  clear(): void {
    this.box.hidden = true;
    this.box.replaceChildren();
  }

  private show(kind: 'error' | 'warning', message: string): void {
    const close = element('button', { type: 'button', title: 'Close' }, '×');
    close.setAttribute('aria-label', 'Close');
    close.addEventListener('click', () => this.clear());
    this.box.className = kind;
    this.box.replaceChildren(element('p', {}, message), close);
    this.box.hidden = false;
  }
}
