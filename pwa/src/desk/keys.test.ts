import { describe, expect, it } from 'vitest'

import { commandFor } from './keys'

const COMMANDS = { j: 'next', a: 'accept', '?': 'keys', ArrowRight: 'photo' } as const
const MOVES = new Set(['next'] as const)

describe('desk keys', () => {
  it('reads a letter with and without Caps Lock', () => {
    expect(commandFor({ key: 'j' }, COMMANDS)).toBe('next')
    expect(commandFor({ key: 'J' }, COMMANDS)).toBe('next')
    expect(commandFor({ key: 'ArrowRight' }, COMMANDS)).toBe('photo')
  })

  it('leaves the browser its own shortcuts', () => {
    expect(commandFor({ key: 'a', ctrlKey: true }, COMMANDS)).toBeUndefined()
    expect(commandFor({ key: 'a', metaKey: true }, COMMANDS)).toBeUndefined()
    expect(commandFor({ key: 'a', altKey: true }, COMMANDS)).toBeUndefined()
  })

  it('takes letters in a text field as text, also while Chinese is being composed', () => {
    expect(commandFor({ key: 'a', target: { tag: 'textarea', editable: false } }, COMMANDS)).toBeUndefined()
    expect(commandFor({ key: 'a', target: { tag: 'div', editable: true } }, COMMANDS)).toBeUndefined()
    expect(commandFor({ key: 'a', isComposing: true }, COMMANDS)).toBeUndefined()
    expect(commandFor({ key: 'a', target: { tag: 'input', editable: false, type: 'radio' } }, COMMANDS)).toBe('accept')
    expect(commandFor({ key: 'a', target: { tag: 'button', editable: false } }, COMMANDS)).toBe('accept')
  })

  it('lets a held-down key move on but never decide twice', () => {
    expect(commandFor({ key: 'j', repeat: true }, COMMANDS, MOVES)).toBe('next')
    expect(commandFor({ key: 'a', repeat: true }, COMMANDS, MOVES)).toBeUndefined()
  })
})
