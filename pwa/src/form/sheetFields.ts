/** The name in the page of the field at a path: `seals[1].number` → `sheet-seals-1-number`. */
export const fieldOf = (path: string) => `sheet-${path.replace(/[[\].]+/g, '-')}`
