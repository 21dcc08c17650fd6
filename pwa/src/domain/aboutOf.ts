/** What a watermark says of the record that its photo stands in. Pure. */
interface Subject {
  /** Of what it is; may be empty. */
  title: string
  unit: string | undefined
  /** Who recorded it. */
  person: string | undefined
  kind: string
  id: string
}

/** A line each: what it is about, unit and person, kind and number. Lines without words are left out. */
export function aboutOf({ title, unit, person, kind, id }: Subject): string[] {
  return [title, [unit, person].filter(Boolean).join(' · '), `${kind} ${id}`].filter(Boolean)
}
