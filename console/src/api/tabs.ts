// The tabs of one browser session: a new one is handed the token by those that are open; signing out of one leaves all.
import { signedOutBecause, signIn, signInByLink, signOut, token } from "./session";

// Tabs answer within a few milliseconds; those that sleep don't.
const PATIENCE_MS = 150;

type Said = { ask: true } | { handed: string } | { left: string; because: string | null };

/** Over when this tab has a token, or nobody has one for it. Another stage of the same host is another session. */
export async function joinTabs(): Promise<void> {
  const channel = new BroadcastChannel(`kintoblocks ${location.pathname}`);
  const say = (said: Said) => channel.postMessage(said);
  let held = token.peek();
  channel.addEventListener("message", ({ data }: MessageEvent<Said>) => {
    const mine = token.peek();
    if ("ask" in data && mine !== null) say({ handed: mine });
    if ("left" in data && data.left === mine) signOut(data.because);
  });
  token.subscribe((now) => {
    if (now === null && held !== null) say({ left: held, because: signedOutBecause.peek() });
    held = now;
  });
  addEventListener("hashchange", signInByLink);
  if (held === null) await handedOver(channel, say);
}

function handedOver(channel: BroadcastChannel, say: (said: Said) => void): Promise<void> {
  return new Promise((done) => {
    const over = () => (channel.removeEventListener("message", take), clearTimeout(timer), done());
    const take = ({ data }: MessageEvent<Said>) => {
      if (!("handed" in data)) return;
      signIn(data.handed);
      over();
    };
    const timer = setTimeout(over, PATIENCE_MS);
    channel.addEventListener("message", take);
    say({ ask: true });
  });
}
