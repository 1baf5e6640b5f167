/** Whether there is a desktop with a browser to open: not on a server, and not at the far end of an SSH session. */
export function hasDesktop(platform = process.platform, env = process.env): boolean {
  if (env.CI || env.SSH_CONNECTION) return false;
  return platform === 'darwin' || platform === 'win32' || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);
}

/** Opens an address in the user's browser, where there is a desktop. Its lack is no failure: the address is printed. */
export async function openBrowser(url: string): Promise<void> {
  if (!hasDesktop()) return;
  try {
    const { default: open } = await import('open');
    const child = await open(url);
    child.on('error', () => {});
  } catch {
    // No browser could be started; the user has the address.
  }
}
