<?xml version="1.0" encoding="UTF-8"?>
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:import href="../layout.xsl"/>
<xsl:include href="../parts/factor-code.xsl"/>
<xsl:template match="page" mode="content">
<nav aria-label="Breadcrumb" class="breadcrumb"><a href="/settings/account">Your account</a></nav>
<div class="column"><xsl:apply-templates select="second-factor"/></div>
</xsl:template>

<!-- The values come in this order in every form of the page. -->
<xsl:template match="second-factor">
<h1>Set up the second factor</h1>
<ol class="steps">
<li>Open an authenticator app and let it read this picture, or type the key below it. Both are shown this once.
<svg class="qr" viewBox="-4 -4 {@size + 8} {@size + 8}" role="img" aria-labelledby="qr-title" id="account-factor-qr">
<title id="qr-title">QR code for an authenticator app</title>
<rect x="-4" y="-4" width="{@size + 8}" height="{@size + 8}" fill="#ffffff"/>
<path transform="translate(0 0.5)" stroke="#000000" stroke-width="1" fill="none" shape-rendering="crispEdges" d="{@picture}"/>
</svg>
<code id="account-factor-seed" class="once"><xsl:value-of select="@seed"/></code></li>
<li>Enter the code that it shows.
<xsl:call-template name="factor-code"><xsl:with-param name="csrf" select="@csrf"/></xsl:call-template></li>
</ol>
<p class="fine">Time-based codes: SHA-1, six digits, 30 seconds. Nothing changes before the code is confirmed.</p>
</xsl:template>
</xsl:stylesheet>
