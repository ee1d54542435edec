// The console's frame: sign-in first, then the sidebar and the page that the address names.
import { useEffect, useRef } from "preact/hooks";

import { me, readMe } from "./api/me";
import { useResource } from "./api/resource";
import { signOut, token } from "./api/session";
import { returnTo } from "./position";
import { routed } from "./routes";
import { path } from "./router";
import { SignIn } from "./pages/sign-in";
import { ConnectionBar, Sidebar } from "./shell";
import { Button } from "./parts/button";
import { Failure, Loading } from "./parts/states";
import { Toasts } from "./parts/toast";

export function App() {
  return (
    <>
      {token.value === null ? <SignIn /> : me.value === null ? <Recognising /> : <Shell />}
      <Toasts />
    </>
  );
}

/** Between a link that signs in and its first page: nothing is shown that might not be allowed. */
function Recognising() {
  const found = useResource("me", readMe);
  return (
    <main class="sign-in">
      {found.error ? (
        <div>
          <Failure error={found.error} retry={found.refresh} />
          <Button kind="quiet" icon="out" onClick={() => signOut()}>Sign out</Button>
        </div>
      ) : <Loading what="Signing in" />}
    </main>
  );
}

function Shell() {
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  const here = path.value;
  useEffect(() => {
    // A screen reader would not notice that the page has changed: its heading gets the focus.
    const changed = !first.current;
    first.current = false;
    return main.current ? returnTo(main.current, changed) : undefined;
  }, [here]);
  return (
    <div class="shell">
      <a class="skip" href="#main" onClick={(event) => (event.preventDefault(), main.current?.focus())}>Skip to the page</a>
      <Sidebar />
      <main id="main" ref={main} tabIndex={-1}>
        <ConnectionBar />
        {routed(here)}
      </main>
    </div>
  );
}
