/** A dark brown dog runs over grass after a ball. */
export const dog = `<svg xmlns="http://www.w3.org/2000/svg" width="640" height="480" viewBox="84 92 516 387">
  <defs>
    <linearGradient id="sky" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#7fb2e0"/><stop offset="1" stop-color="#dcebf2"/></linearGradient>
    <linearGradient id="grass" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#6f9a45"/><stop offset="1" stop-color="#3f6f25"/></linearGradient>
    <linearGradient id="coat" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#3a3532"/><stop offset="1" stop-color="#1c1816"/></linearGradient>
    <filter id="far"><feGaussianBlur stdDeviation="5"/></filter>
    <filter id="soft"><feGaussianBlur stdDeviation="1"/></filter>
    <filter id="blades" x="0" y="0" width="1" height="1">
      <feTurbulence type="fractalNoise" baseFrequency="0.35 0.06" numOctaves="3" seed="7"/>
      <feColorMatrix values="0 0 0 0 0.12  0 0 0 0 0.28  0 0 0 0 0.05  0 1.6 0 0 -0.55"/>
    </filter>
    <filter id="fur" x="0" y="0" width="1" height="1">
      <feTurbulence type="fractalNoise" baseFrequency="0.12 0.4" numOctaves="3" seed="3" result="noise"/>
      <feColorMatrix in="noise" values="0 0 0 0 0.25  0 0 0 0 0.13  0 0 0 0 0.04  0 1.5 0 0 -0.55" result="dark"/>
      <feComposite in="dark" in2="SourceAlpha" operator="in" result="hair"/>
      <feMerge><feMergeNode in="SourceGraphic"/><feMergeNode in="hair"/></feMerge>
    </filter>
  </defs>
  <rect width="640" height="220" fill="url(#sky)"/>
  <rect y="150" width="640" height="62" fill="#48703a"/>
  <g filter="url(#far)">
    <path d="M0 190 Q40 110 90 150 Q130 80 190 140 Q250 90 300 150 Q360 100 420 145 Q480 85 540 140 Q600 110 640 160 V240 H0 Z" fill="#3d6232"/>
    <path d="M0 205 Q120 170 260 200 T640 190 V240 H0 Z" fill="#54803c"/>
  </g>
  <rect y="210" width="640" height="270" fill="url(#grass)"/>
  <rect y="210" width="640" height="270" filter="url(#blades)"/>
  <ellipse cx="318" cy="404" rx="165" ry="17" fill="#1d3a12" opacity="0.55" filter="url(#far)"/>
  <g filter="url(#fur)">
    <path d="M210 300 Q172 352 150 372 Q138 386 152 390 Q166 390 178 378 Q214 346 240 326 Z" fill="#211c1a"/>
    <path d="M390 318 Q420 350 452 372 Q466 384 456 392 Q442 396 428 384 Q392 356 368 334 Z" fill="#211c1a"/>
    <path d="M196 262 Q150 248 122 206 Q114 194 124 190 Q134 190 142 204 Q166 236 206 240 Z" fill="#2a2522"/>
    <path d="M190 272 Q196 232 256 232 Q320 240 372 226 Q404 216 414 246 Q424 300 390 326 Q340 340 290 318 Q240 338 212 320 Q186 304 190 272 Z" fill="url(#coat)"/>
    <path d="M216 300 Q206 350 222 386 Q224 404 208 404 L196 404 Q190 394 202 388 Q184 344 190 292 Z" fill="#2a2522"/>
    <path d="M372 310 Q394 350 396 384 Q402 404 418 402 Q430 398 420 390 Q418 346 406 296 Z" fill="#2a2522"/>
    <path d="M368 246 Q380 196 420 180 Q452 160 484 180 Q498 190 500 204 L530 214 Q540 222 534 234 Q520 246 490 246 Q462 256 440 262 Q420 290 396 284 Z" fill="url(#coat)"/>
    <path d="M426 182 Q404 184 400 214 Q398 248 416 254 Q432 246 436 214 Q438 192 426 182 Z" fill="#151210"/>
  </g>
  <path d="M488 242 Q500 254 494 270 Q486 280 480 266 Q478 252 480 246 Z" fill="#d9707c"/>
  <path d="M522 210 Q538 212 538 222 Q530 230 520 224 Z" fill="#1c1310"/>
  <circle cx="468" cy="196" r="6" fill="#17100c"/><circle cx="470" cy="194" r="1.8" fill="#fff"/>
  <circle cx="562" cy="392" r="18" fill="#e8e4d8" filter="url(#soft)"/><path d="M548 385 Q562 376 575 383" stroke="#b9b3a0" stroke-width="3" fill="none"/>
  <rect y="380" width="640" height="100" filter="url(#blades)" opacity="0.6"/>
</svg>`;
