/** Whether the proxy at `baseUrl` answers, and knows all that the database has: before that, calls are misses (`mirror_loading`). */
export async function isLive(baseUrl: string): Promise<boolean> {
  try {
    const response = await fetch(baseUrl.replace(/\/v1$/, '/readyz'));
    return (await response.text()).includes('"live"');
  } catch {
    return false; // Not listening yet.
  }
}
