// A reason, with links to the deployments that it names.
import type { At } from "../api/environment";
import { sentence } from "../parts/form";
import { mentions } from "./progress";
import { deploymentPage } from "./versions-dialog";

export function Reason({ at, text }: { at: At; text: string }) {
  return (
    <>
      {mentions(sentence(text)).map((piece, i) => (i % 2 === 0 ? piece : <a key={i} href={deploymentPage(at, Number(piece))}>deployment {piece}</a>))}
    </>
  );
}
