/** The public check: the camera, where there is one. The reader of codes is loaded when it is asked for. */

import { byId } from "./dom.js";

const PAUSE = 150;
const BACK_CAMERA = { video: { facingMode: "environment" } };

const found = async (detector, video) => {
  const [code] = video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA ? await detector.detect(video) : [];
  return code?.rawValue ?? "";
};

const watch = async (video, detector) => {
  for (;;) {
    const text = await found(detector, video).catch(() => "");
    if (text) return text;
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
};

const scan = async () => {
  const video = byId("camera");
  byId("scan").disabled = true;
  try {
    const [{ BarcodeDetector }, stream] = await Promise.all([
      import("../vendor/qr/decode.js"),
      navigator.mediaDevices.getUserMedia(BACK_CAMERA),
    ]);
    video.srcObject = stream;
    video.hidden = false;
    await video.play();
    const text = await watch(video, new BarcodeDetector({ formats: ["qr_code"] }));
    stream.getTracks().forEach((track) => track.stop());
    byId("verifier").elements.text.value = text;
    byId("verifier").requestSubmit();
  } catch {
    video.hidden = true;
    byId("camera-refused").hidden = false;
    byId("scan").hidden = true;
  }
};

if (navigator.mediaDevices?.getUserMedia) {
  byId("scan").hidden = false;
  byId("scan").addEventListener("click", scan);
}
