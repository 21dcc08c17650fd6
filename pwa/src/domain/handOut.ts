/** Hands a file to the person: the phone's share sheet, else the downloads. */
export async function handOut(file: File): Promise<void> {
  if (navigator.canShare?.({ files: [file] })) {
    const shared = await navigator.share({ files: [file] }).then(
      () => true,
      (error: unknown) => (error as Error).name === 'AbortError', // the person closed the sheet
    )
    if (shared) return
  }
  const link = document.createElement('a')
  link.href = URL.createObjectURL(file)
  link.download = file.name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
