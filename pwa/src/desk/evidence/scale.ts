/** The temperature scale beside a thermal picture. Pure. */

/** matplotlib's inferno at eleven even steps, cold to hot; the server renders the `thermal` view with the same map. */
export const INFERNO = [
  '#000004', '#160b39', '#420a68', '#6a176e', '#932667', '#bc3754',
  '#dd513a', '#f37819', '#fca50a', '#f6d746', '#fcffa4',
] as const

/** CSS gradient from the cold end (bottom) to the hot end (top). */
export const GRADIENT = `linear-gradient(to top, ${INFERNO.join(', ')})`

/** Where a temperature stands on the scale: 0 at the cold end, 1 at the hot end. A flat scale puts all in the middle. */
export function share(c: number, low: number, high: number): number {
  if (!(high > low)) return 0.5
  return Math.min(1, Math.max(0, (c - low) / (high - low)))
}

const STEPS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500]

/** Round temperatures (°C) between both ends, at most `most`, none closer to an end than half a step. */
export function ticks(low: number, high: number, most = 5): number[] {
  const step = STEPS.find((width) => (high - low) / width <= most + 1)
  if (step === undefined || !(high > low)) return []
  const found: number[] = []
  for (let k = Math.ceil((low + step / 2) / step); k * step <= high - step / 2; k += 1)
    found.push(Math.round(k * step * 10) / 10)
  return found
}

/** The middle of a matrix pixel as a share of width and height. The `thermal` view shows the matrix as it is. */
export function place(point: { x: number; y: number }, width: number, height: number) {
  return { left: (point.x + 0.5) / width, top: (point.y + 0.5) / height }
}

/** `86.4 °C` with one decimal and a true minus sign. */
export function celsius(c: number): string {
  return `${c.toFixed(1).replace('-', '−')} °C`
}
