"""What a setting and each of its choices means."""

SETTINGS = {
    "Which face": "Welches Gesicht",
    "Truncation psi: 0 is the average face, 1 as varied as the training faces, more is extreme":
        "Trunkierung psi: 0 ist das Durchschnittsgesicht, 1 so vielfältig wie die Trainingsgesichter, mehr ist extrem",
    "Which pores, freckles and hairs": "Welche Poren, Sommersprossen und Haare",
    "How strong the random fine detail is; 1 is as the model was trained":
        "Wie stark das zufällige feine Detail ist; 1 ist wie trainiert",
    "The recipe of the other look of a crossfade": "Das Rezept des anderen Looks einer Überblendung",
    "How far this face has gone to the other look; pores stay in place":
        "Wie weit dieses Gesicht zum anderen Look gegangen ist; Poren bleiben an ihrem Platz",
    "The face from which to take the shape of the features, and the tone": "Das Gesicht, aus dem Gesichtszüge und Hautton kommen",
    "How much of the other face to take: the shape of the features, and the tone":
        "Wie viel vom anderen Gesicht kommt: Gesichtszüge und Hautton",
    "The face from which to take the forms of the skin, millimetres in size":
        "Das Gesicht, aus dem die millimetergroßen Formen der Haut kommen",
    "How much of the other face to take: the forms of the skin, millimetres in size":
        "Wie viel vom anderen Gesicht kommt: die millimetergroßen Formen der Haut",
    "The face from which to take the texture of the skin, below a millimetre":
        "Das Gesicht, aus dem die Textur der Haut unter einem Millimeter kommt",
    "How much of the other face to take: the texture of the skin, below a millimetre":
        "Wie viel vom anderen Gesicht kommt: die Textur der Haut unter einem Millimeter",
    "Which uneven colour and relief, above 1.7 mm; -1 takes the detail seed":
        "Welche Unregelmäßigkeiten in Farbe und Relief über 1,7 mm; -1 nimmt den Detail-Seed",
    "How strong: uneven colour and relief, above 1.7 mm; 1 is as trained":
        "Wie stark: Unregelmäßigkeiten in Farbe und Relief über 1,7 mm; 1 ist wie trainiert",
    "Which furrows and fine wrinkles, from 0.4 to 1.7 mm; -1 takes the detail seed":
        "Welche Furchen und feinen Falten von 0,4 bis 1,7 mm; -1 nimmt den Detail-Seed",
    "How strong: furrows and fine wrinkles, from 0.4 to 1.7 mm; 1 is as trained":
        "Wie stark: Furchen und feine Falten von 0,4 bis 1,7 mm; 1 ist wie trainiert",
    "Which pores and grain, below 0.4 mm: they show at 3072 texels and more; -1 takes the detail seed":
        "Welche Poren und welches Korn unter 0,4 mm: Sie zeigen sich ab 3072 Texeln; -1 nimmt den Detail-Seed",
    "How strong: pores and grain, below 0.4 mm: they show at 3072 texels and more; 1 is as trained":
        "Wie stark: Poren und Korn unter 0,4 mm: Sie zeigen sich ab 3072 Texeln; 1 ist wie trainiert",
    "Younger to older; 0 leaves the face as it is": "Jünger bis älter; 0 lässt das Gesicht, wie es ist",
    "Leave this as it is when other sliders move": "Das hier so lassen, wenn andere Regler sich bewegen",
    "Fairer to darker skin; 0 leaves the face as it is": "Hellere bis dunklere Haut; 0 lässt das Gesicht, wie es ist",
    "Paler to redder; 0 leaves the face as it is": "Blasser bis röter; 0 lässt das Gesicht, wie es ist",
    "Drier to oilier: how much the skin shines; 0 leaves the face as it is":
        "Trockener bis fettiger: wie sehr die Haut glänzt; 0 lässt das Gesicht, wie es ist",
    "Fewer to more freckles; 0 leaves the face as it is": "Weniger bis mehr Sommersprossen; 0 lässt das Gesicht, wie es ist",
    "Smoother to more stubble; 0 leaves the face as it is": "Glatter bis mehr Bartstoppeln; 0 lässt das Gesicht, wie es ist",
    "Smoother to coarser relief; 0 leaves the face as it is": "Glatteres bis gröberes Relief; 0 lässt das Gesicht, wie es ist",
    "Size of the four maps": "Größe der vier Maps",
    "The model's full size, about 18 texels per millimetre: pores and fine wrinkles":
        "Die volle Größe des Modells, etwa 18 Texel pro Millimeter: Poren und feine Falten",
    "Half the model's size": "Die halbe Größe des Modells",
    "A quarter of the model's size, for a quick look": "Ein Viertel der Größe, für einen schnellen Blick",
    "An eighth of the model's size, in about a second": "Ein Achtel der Größe, in etwa einer Sekunde",
    "A face model (.safetensors); empty for the bundled one": "Ein Gesichtsmodell (.safetensors); leer für das mitgelieferte",
    "Where the maps are written; // is the folder of the .blend": "Wohin die Maps geschrieben werden; // ist der Ordner der .blend",
    "How the file names begin: <name>_seed0007_albedo.png": "Womit die Dateinamen beginnen: <name>_seed0007_albedo.png",
    "Keep a copy of the maps inside the .blend (about 300 MB at full size)":
        "Eine Kopie der Maps in der .blend behalten (etwa 300 MB in voller Größe)",
    "Where the model runs": "Worauf das Modell läuft",
    "The graphics card if torch can use it, else the processor": "Die Grafikkarte, wenn torch sie nutzen kann, sonst der Prozessor",
    "Always the processor": "Immer der Prozessor",
    "The NVIDIA graphics card": "Die NVIDIA-Grafikkarte",
    "Where on the walk the face is: 0 is its first look, 1 the second, and so on. Pores stay in place. May be keyframed":
        "Wo im Rundgang das Gesicht ist: 0 ist der erste Look, 1 der zweite und so weiter. Poren bleiben an ihrem Platz. Lässt sich mit Keyframes animieren",
    "The recipe as JSON; empty where there is none": "Das Rezept als JSON; leer, wo es keines gibt",
    "The convention of its map files, as JSON; empty for Blender's own": "Die Konvention der Map-Dateien als JSON; leer für Blenders eigene",
    "What a completed scan was made from, as JSON; empty on a sampled face":
        "Woraus ein vervollständigter Scan entstand, als JSON; leer bei einem erzeugten Gesicht",
    "Width and height of the maps in texels": "Breite und Höhe der Maps in Texeln",
    "The standard model's full size, about 18 texels per millimetre: pores and fine wrinkles":
        "Die volle Größe des Standardmodells, etwa 18 Texel pro Millimeter: Poren und feine Falten",
    "Pores, a little softer": "Poren, etwas weicher",
    "Half the full size: fine wrinkles and large pores": "Die halbe volle Größe: feine Falten und große Poren",
    "For faces at a distance": "Für Gesichter in der Ferne",
    "A quarter of the full size": "Ein Viertel der vollen Größe",
    "For crowds, and for quick looks": "Für Menschenmengen und schnelle Blicke",
    "The names and formats that a program expects": "Die Namen und Formate, die ein Programm erwartet",
    "name_albedo.png and so on, as Node Wrangler expects; displacement in millimetres":
        "name_albedo.png und so weiter, wie Node Wrangler es erwartet; Displacement in Millimetern",
    "Color_MAIN and so on, DirectX normals, 16-bit displacement: like the maps of a MetaHuman":
        "Color_MAIN und so weiter, DirectX-Normalen, 16-Bit-Displacement: wie die Maps eines MetaHuman",
    "name_Diffuse and so on, 16-bit displacement": "name_Diffuse und so weiter, 16-Bit-Displacement",
    "16-bit TIFF, and a 32-bit displacement in centimetres, as scan libraries have":
        "16-Bit-TIFF und 32-Bit-Displacement in Zentimetern, wie bei Scan-Bibliotheken",
    "name_albedo.1001.png and so on: the first UDIM tile": "name_albedo.1001.png und so weiter: die erste UDIM-Kachel",
    "Squeeze the maps to as wide as they are high, for engines that want squares; the UV map stays what it is":
        "Die Maps so breit wie hoch stauchen, für Engines, die Quadrate wollen; die UV-Map bleibt, wie sie ist",
    "Which way green points in the normal map": "Wohin Grün in der Normal-Map zeigt",
    "What the profile has": "Was das Profil vorsieht",
    "Green points up, as Blender, Maya and Unity expect": "Grün zeigt nach oben, wie Blender, Maya und Unity es erwarten",
    "Green points down, as Unreal expects": "Grün zeigt nach unten, wie Unreal es erwartet",
    "Set what a value of the displacement map means": "Festlegen, was ein Wert der Displacement-Map bedeutet",
    "Millimetres from a value of 0 to a value of 1": "Millimeter vom Wert 0 zum Wert 1",
    "The value of no displacement": "Der Wert ohne Verschiebung",
    "File format and bits of a channel": "Dateiformat und Bits pro Kanal",
    "Formats and conventions of each map": "Formate und Konventionen jeder Map",
    "The scan's albedo map, if it has one": "Die Albedo-Map des Scans, wenn er eine hat",
    "The scan's normal map, if it has one": "Die Normal-Map des Scans, wenn er eine hat",
    "The scan's specular map, if it has one": "Die Specular-Map des Scans, wenn er eine hat",
    "The scan's displacement map, if it has one": "Die Displacement-Map des Scans, wenn er eine hat",
    "How the maps lie": "Wie die Maps liegen",
    "The UV layout of the scan is its own: it is aligned by points that you click":
        "Der Scan hat ein eigenes UV-Layout: Er wird nach angeklickten Punkten ausgerichtet",
    "The maps lie in the layout of the sampled faces already: no points are needed":
        "Die Maps liegen schon im Layout der erzeugten Gesichter: Es sind keine Punkte nötig",
    "How the missing maps are found": "Wie die fehlenden Maps gefunden werden",
    "A network makes the missing maps from the known ones, in seconds to a minute. The best choice for most scans":
        "Ein Netz erzeugt die fehlenden Maps aus den bekannten, in Sekunden bis zu einer Minute. Für die meisten Scans die beste Wahl",
    "Searches for the face in the model that resembles the known maps. Takes minutes. An error map shows where the model could not follow; from its recipe the command line makes the face again, with other pores if you like (render --recipe)":
        "Sucht im Modell das Gesicht, das den bekannten Maps ähnelt. Dauert Minuten. Eine Fehler-Map zeigt, wo das Modell nicht folgen konnte; aus dem Rezept erzeugt die Kommandozeile das Gesicht wieder, auf Wunsch mit anderen Poren (render --recipe)",
    "First Fast, then Fit towards its maps as well: the missing maps stay nearer to the scan than with Fit alone. Takes the longest":
        "Erst Schnell, dann Anpassen auch an dessen Maps: Die fehlenden Maps bleiben näher am Scan als mit Anpassen allein. Dauert am längsten",
    "The known maps come back as they are, the albedo in 8 bits a channel and the others in 16, enlarged where they are smaller than the result. Your own files never change. Off, a fit replaces them by its own, without wear, noise and baked light; Fast always keeps them":
        "Die bekannten Maps kommen zurück, wie sie sind, die Albedo mit 8 Bit pro Kanal, die anderen mit 16, vergrößert, wo sie kleiner sind als das Ergebnis. Die eigenen Dateien ändern sich nie. Ausgeschaltet ersetzt eine Anpassung sie durch eigene, ohne Abnutzung, Rauschen und eingebackenes Licht; Schnell behält sie immer",
    "Lay eyes, nose and mouth of the scan on those of the average face. Mends careless clicks; with careful ones, leave it off":
        "Augen, Nase und Mund des Scans auf die des Durchschnittsgesichts legen. Verbessert ungenaue Klicks; bei genauen ausgeschaltet lassen",
    "Align through the surface of the selected object, too. Better where the scan's layout stretches the skin in its own way; the object must be the scan that wears these maps":
        "Auch über die Oberfläche des ausgewählten Objekts ausrichten. Besser, wo das Layout des Scans die Haut auf eigene Art dehnt; das Objekt muss der Scan sein, der diese Maps trägt",
    "The green of the normal map points down, as in DirectX and Unreal; off for OpenGL, as in Blender":
        "Das Grün der Normal-Map zeigt nach unten, wie in DirectX und Unreal; aus für OpenGL, wie in Blender",
    "How many millimetres lie between black and white in a displacement that is not an EXR; 0 is unknown. An EXR holds millimetres":
        "Wie viele Millimeter zwischen Schwarz und Weiß liegen, wenn das Displacement kein EXR ist; 0 ist unbekannt. Ein EXR enthält Millimeter",
    "How wide the maps are to be": "Wie breit die Maps werden sollen",
    "As large as the widest of the known maps": "So groß wie die breiteste der bekannten Maps",
    "1024 texels wide, in the shape of your maps": "1024 Texel breit, in der Form der eigenen Maps",
    "2048 texels wide, in the shape of your maps": "2048 Texel breit, in der Form der eigenen Maps",
    "4096 texels wide, in the shape of your maps": "4096 Texel breit, in der Form der eigenen Maps",
    "8192 texels wide, in the shape of your maps": "8192 Texel breit, in der Form der eigenen Maps",
    "768 x 512 texels": "768 x 512 Texel",
    "1536 x 1024 texels": "1536 x 1024 Texel",
    "3072 x 2048 texels": "3072 x 2048 Texel",
    "6144 x 4096 texels": "6144 x 4096 Texel",
    "What you call this look": "Wie dieser Look heißen soll",
    "The look as a recipe, JSON; empty where there is none": "Der Look als Rezept, JSON; leer, wo es keinen gibt",
    "Keep this look, whatever else the history forgets": "Diesen Look behalten, was auch immer der Verlauf sonst vergisst",
    "When this look was tried": "Wann dieser Look probiert wurde",
    "A small picture of the skin, packed": "Ein kleines Bild der Haut, gepackt",
    "The looks tried so far, newest first": "Die bisher probierten Looks, neueste zuerst",
    "The chosen look of the history": "Der gewählte Look des Verlaufs",
    "Show only the looks with a star": "Nur die Looks mit Stern zeigen",
    "Go from look A to look B: 0 is A, 1 is B. Pores and hairs stay in place: they are A's":
        "Von Look A zu Look B gehen: 0 ist A, 1 ist B. Poren und Haare bleiben an ihrem Platz: Es sind die von A",
    "The looks that the walk goes along, in order": "Die Looks des Rundgangs, in ihrer Reihenfolge",
    "The chosen look of the walk": "Der gewählte Look des Rundgangs",
    "The position of the walk that the sliders show": "Die Stelle des Rundgangs, die die Regler zeigen",
    "How many faces to show at a time": "Wie viele Gesichter auf einmal zu sehen sind",
    "16 seeds at a time": "16 Seeds auf einmal",
    "25 seeds at a time": "25 Seeds auf einmal",
    "36 seeds at a time": "36 Seeds auf einmal",
    "49 seeds at a time": "49 Seeds auf einmal",
    "64 seeds at a time": "64 Seeds auf einmal",
    "The seed of the first face": "Der Seed des ersten Gesichts",
    "What the faces are shown on": "Worauf die Gesichter gezeigt werden",
    "The albedo as it lies in the texture: the quickest": "Die Albedo, wie sie in der Textur liegt: am schnellsten",
    "A lit portrait on the preview head": "Ein beleuchtetes Porträt auf dem Vorschaukopf",
    "A lit portrait on the selected object, seen from the front (-Y)":
        "Ein beleuchtetes Porträt auf dem ausgewählten Objekt, von vorn gesehen (-Y)",
    "Fewer and larger thumbnails beside each other": "Weniger und größere Vorschaubilder nebeneinander",
    "A Python 3.11 or newer that has torch, instead of the installed runtime. Empty for the environment variable GANTLITZ_PYTHON, or the installed runtime":
        "Ein Python ab 3.11 mit torch, statt der installierten Laufzeit. Leer für die Umgebungsvariable GANTLITZ_PYTHON oder die installierte Laufzeit",
    "A face model (.safetensors) for scenes that name none; empty for the bundled one":
        "Ein Gesichtsmodell (.safetensors) für Szenen, die keines nennen; leer für das mitgelieferte",
    "Where the runtime is installed. Empty for a folder of your own that all Blender versions share":
        "Wo die Laufzeit installiert wird. Leer für einen persönlichen Ordner, den sich alle Blender-Versionen teilen",
    "For which device torch is installed": "Für welches Gerät torch installiert wird",
    "What this computer's graphics card can use, else the processor":
        "Was die Grafikkarte dieses Computers nutzen kann, sonst der Prozessor",
    "For NVIDIA cards, on Linux and Windows": "Für NVIDIA-Karten, unter Linux und Windows",
    "For AMD cards, on Linux": "Für AMD-Karten, unter Linux",
    "For Macs; sampling runs on the processor there": "Für Macs; gerechnet wird dort auf dem Prozessor",
    "The smallest: no graphics card is used": "Die kleinste: Es wird keine Grafikkarte genutzt",
    "Where the packages come from, and how they are reached": "Woher die Pakete kommen und wie sie erreicht werden",
    "Install from the .whl files in this folder, without any network": "Aus den .whl-Dateien in diesem Ordner installieren, ganz ohne Netz",
    "The address of a package index to use instead of PyPI and download.pytorch.org, such as your studio's mirror. One at download.pytorch.org is used for torch only":
        "Die Adresse eines Paketindex statt PyPI und download.pytorch.org, etwa der Mirror des Studios. Einer auf download.pytorch.org gilt nur für torch",
    "For example http://proxy.studio:8080. Empty for what the environment variable HTTPS_PROXY says":
        "Zum Beispiel http://proxy.studio:8080. Leer für das, was die Umgebungsvariable HTTPS_PROXY sagt",
    "Your company's certificate file (.pem), where its proxy needs one. Empty for what PIP_CERT or REQUESTS_CA_BUNDLE says":
        "Die Zertifikatsdatei (.pem) der Firma, wo ihr Proxy eine braucht. Leer für das, was PIP_CERT oder REQUESTS_CA_BUNDLE sagt",
    "What of the model's memory is given back when Blender begins to render; the next face loads it again":
        "Was vom Speicher des Modells zurückgegeben wird, wenn Blender zu rendern beginnt; das nächste Gesicht lädt es wieder",
    "Release a model on the graphics card; leave one in main memory alone":
        "Ein Modell auf der Grafikkarte freigeben; eines im Hauptspeicher in Ruhe lassen",
    "Release the model wherever it is: for renders that need all of main memory":
        "Das Modell freigeben, wo immer es ist: für Renderings, die den ganzen Hauptspeicher brauchen",
    "Leave the model loaded": "Das Modell geladen lassen",
    "How fine the live look becomes when the mouse rests": "Wie fein der Live-Look wird, wenn die Maus ruht",
    "The material slot that takes the face; empty to find it by what it wears or is called":
        "Der Material-Slot für das Gesicht; leer, um ihn nach Inhalt oder Namen zu finden",
    "Which map of the live look it shows; empty for any other image": "Welche Map des Live-Looks es zeigt; leer bei jedem anderen Bild",
}
