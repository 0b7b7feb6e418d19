/** A code as a picture: an SVG the page's own colour draws (npm `qr`), loaded only where one is shown. */

import encodeQR from "../vendor/qr/index.js";

// The letters of Base45 are those a QR code holds densely; 15 % of it may be damaged.
const OPTIONS = { ecc: "medium", encoding: "alphanumeric", border: 4, scale: 1 };

/** The address of a picture of this text, for an <img>. */
export const drawnCode = (text) =>
  `data:image/svg+xml;utf8,${encodeURIComponent(encodeQR(text, "svg", OPTIONS))}`;
