/** Which key means which command on the desk: one letter, no modifier, never while someone is typing. */

export interface Pressed {
  key: string
  ctrlKey?: boolean
  metaKey?: boolean
  altKey?: boolean
  isComposing?: boolean
  repeat?: boolean
  /** Lower-case tag name of what has the focus, and whether its content can be edited. */
  target?: { tag: string; editable: boolean; type?: string }
}

const TYPED_IN = new Set(['input', 'textarea', 'select'])
/** Inputs that take no letters: a key pressed on them may still be a command. */
const NOT_TYPED_IN = new Set(['checkbox', 'radio', 'button', 'submit', 'range'])

/** Whether letters typed at this place are text and therefore no command. */
export function takesText(target: Pressed['target']): boolean {
  if (target === undefined) return false
  if (target.editable) return true
  if (!TYPED_IN.has(target.tag)) return false
  return target.tag !== 'input' || !NOT_TYPED_IN.has(target.type ?? 'text')
}

/**
 * The command that a key means, or undefined. Letters are compared without case, because Caps Lock must not stop the
 * work. A held-down key moves through the queue but never decides twice.
 */
export function commandFor<C extends string>(
  pressed: Pressed,
  commands: Readonly<Record<string, C>>,
  repeats: ReadonlySet<C> = new Set(),
): C | undefined {
  if (pressed.ctrlKey || pressed.metaKey || pressed.altKey || pressed.isComposing) return undefined
  if (takesText(pressed.target)) return undefined
  const command = commands[pressed.key.length === 1 ? pressed.key.toLowerCase() : pressed.key]
  if (command !== undefined && pressed.repeat && !repeats.has(command)) return undefined
  return command
}

/** What a browser's key event says about itself, in the form `commandFor` reads. */
export function pressedFrom(event: KeyboardEvent): Pressed {
  const element = event.target instanceof HTMLElement ? event.target : undefined
  return {
    key: event.key,
    ctrlKey: event.ctrlKey,
    metaKey: event.metaKey,
    altKey: event.altKey,
    isComposing: event.isComposing,
    repeat: event.repeat,
    target: element && {
      tag: element.tagName.toLowerCase(),
      editable: element.isContentEditable,
      type: element instanceof HTMLInputElement ? element.type : undefined,
    },
  }
}
