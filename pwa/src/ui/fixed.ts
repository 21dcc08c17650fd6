/** Fields that a form shows and does not let change: an amendment says nothing about whom or what a record is about. */
import { inject, type InjectionKey } from 'vue'

export const FIXED: InjectionKey<(name: string) => boolean> = Symbol('fixed')

export function useFixed(name: string): boolean {
  return inject(FIXED, () => false)(name)
}
